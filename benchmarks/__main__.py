"""Runs the benchmarks that are named, or all of them."""

import importlib
import pkgutil
import sys

import benchmarks

NAMES = [
    m.name.removeprefix("bench_")
    for m in pkgutil.iter_modules(benchmarks.__path__)
    if m.name.startswith("bench_")
]

for name in sys.argv[1:] or NAMES:
    if name not in NAMES:
        sys.exit(f"there is no benchmark {name!r}; there are: {', '.join(NAMES)}")
    print(f"\n## {name}\n", flush=True)
    importlib.import_module(f"benchmarks.bench_{name}").main()
