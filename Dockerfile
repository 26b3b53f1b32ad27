# Two stages: what is needed to build stays in the first. PYTHON_IMAGE may name a mirror, or a digest.
ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
RUN python -m venv /opt/relaybeat
ENV PATH=/opt/relaybeat/bin:$PATH
COPY requirements/run.txt requirements/run.txt
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements/run.txt
COPY pyproject.toml README.md LICENSE beat_schedule.py ./
COPY worker worker
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && pip uninstall --yes setuptools pip

FROM ${PYTHON_IMAGE}
RUN pip uninstall --yes --root-user-action ignore setuptools wheel pip \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin relaybeat \
 && install --directory --mode 700 --owner 10001 --group 10001 /var/lib/relaybeat
COPY --from=build /opt/relaybeat /opt/relaybeat
ENV PATH=/opt/relaybeat/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
WORKDIR /tmp
USER 10001:10001
ENTRYPOINT ["relaybeat"]
CMD ["--help"]
