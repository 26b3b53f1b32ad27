// Everything works without this: it keeps the page live, counts, and saves steps. No library, nothing inline.
"use strict";
const $ = (query, root = document) => root.querySelector(query);
const all = (query, root = document) => [...root.querySelectorAll(query)];
const live = $("[data-live]"), drawer = $("#drawer"), help = $("#help");
const parsed = text => new DOMParser().parseFromString(text, "text/html");

// --- The viewer's zone is told to the server, which knows its rules; what an address switched is remembered there
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const tz = `tz=${encodeURIComponent(zone)}`;
const knew = document.cookie.split("; ").includes(tz);
if (!knew) document.cookie = `${tz}; path=/; max-age=31536000; samesite=lax`;
const here = new URL(location.href);
if (!knew && document.cookie.includes(tz) && $('.switches [href*="zone=local"][aria-current]')) location.reload();
for (const name of ["lang", "theme", "zone", "done"]) here.searchParams.delete(name);
if (here.href !== location.href) history.replaceState(history.state, "", here);

// --- Time: by the server's clock, as far as its answers tell it
let ahead = 0;
const now = () => Date.now() / 1000 + ahead;
function counted(seconds) {
  const far = Math.abs(seconds), two = n => String(Math.floor(n) % 60).padStart(2, "0");
  if (far >= 172800) return "";
  const words = document.body.dataset[seconds < 0 ? "in" : "ago"], hours = Math.floor(far / 3600);
  return words.replace("{t}", `${hours ? hours + ":" : ""}${two(far / 60)}:${two(far)}`);
}
function tick() {
  for (const each of all("[data-until]")) {
    const text = counted(now() - each.dataset.until);
    if (each.textContent !== text) each.textContent = text;
  }
  const picture = $("#picture");
  if (picture) {
    const { from, to } = picture.dataset, left = 100 * (now() - from) / (to - from);
    let line = $(".now", picture);
    if (left < 0 || left >= 100) line?.remove();
    else {
      if (!line) {
        line = document.createElement("i");
        line.className = "now";
        line.ariaHidden = "true";
        picture.append(line);
      }
      line.style.setProperty("--l", left.toFixed(3));
    }
  }
  const said = $("#heard");
  if (said && heard) said.textContent = said.dataset.words.replace("{n}", Math.round((Date.now() - heard) / 1000));
}

// --- Live: what changed is put in the place of what was, element by element, so focus and scroll stay
const keyOf = node => node.nodeType === 1 && node.id;
function patch(old, fresh) {
  for (const { name, value } of [...fresh.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && name !== "tabindex" && name !== "title") old.removeAttribute(name);
  if (old.hasAttribute("data-until") || old.id === "heard") return;
  children(old, fresh);
}
function children(old, fresh) {
  const keyed = new Map([...old.children].filter(keyOf).map(node => [node.id, node]));
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    while (at?.className === "now") at = at.nextSibling;
    const known = keyOf(wanted) ? keyed.get(wanted.id)
      : at && !keyOf(at) && at.nodeType === wanted.nodeType && at.nodeName === wanted.nodeName ? at : null;
    if (!known) { old.insertBefore(document.importNode(wanted, true), at); continue; }
    if (known === at) at = at.nextSibling;
    else old.insertBefore(known, at);
    if (known.nodeType !== 1) { if (known.data !== wanted.data) known.data = wanted.data; }
    else if (!known.hasAttribute("data-still")) patch(known, wanted);
  }
  while (at) {
    const next = at.nextSibling;
    if (at.className !== "now") at.remove();
    at = next;
  }
}
const view = location.search; // what is looked at, whatever the address says while the drawer is open
let tag = live?.dataset.tag || "", heard = Date.now(), failures = 0, timer = 0, told = new Set(all(".trouble").map(each => each.id));
async function poll() {
  clearTimeout(timer);
  try {
    const answer = await fetch(live.dataset.live + view, {
      headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store", signal: AbortSignal.timeout(10000) });
    if (answer.status === 401) return location.reload();
    if (!answer.ok && answer.status !== 304) throw answer;
    tag = answer.headers.get("etag") || tag;
    const date = Date.parse(answer.headers.get("date"));
    if (date) ahead = Math.abs(date - Date.now()) > 2000 ? (date - Date.now()) / 1000 : 0;
    if (answer.status === 200) {
      children(live, parsed(await answer.text()).body);
      announce();
      rove();
    }
    heard = Date.now();
    failures = 0;
    gone("");
  } catch (error) {
    failures++;
    gone(error.status === 503 ? "redis" : "server");
  }
  const wait = (document.hidden ? 30000 : 5000) * Math.min(2 ** Math.max(failures - 1, 0), document.hidden ? 1 : 6);
  timer = setTimeout(poll, wait);
  tick();
}
function gone(why) {
  const banner = $("#gone");
  document.body.classList.toggle("stale", !!why);
  if (banner.hidden === !!why || (why && banner.textContent !== banner.dataset[why])) {
    banner.hidden = !why;
    banner.textContent = why ? banner.dataset[why] : "";
  }
}
// Only what needs a person is said aloud, and only when it is new
function announce() {
  const wrong = $("[data-wrong]")?.dataset.wrong || 0, troubles = all(".trouble"), says = $("#says");
  document.title = document.title.replace(/^(\(\d+\) )?/, +wrong ? `(${wrong}) ` : "");
  const icon = $('link[rel="icon"]'), plain = icon.dataset.plain ||= icon.href;
  icon.href = +wrong ? "data:image/svg+xml," + encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#c62b1f"/><text x="8" y="12" font-size="11" font-family="sans-serif" font-weight="700" text-anchor="middle" fill="#fff">${wrong > 9 ? "9+" : wrong}</text></svg>`) : plain;
  const fresh = troubles.filter(each => !told.has(each.id)).map(each => $(".about", each).textContent.trim().replace(/\s+/g, " "));
  if (!says) return;
  if (fresh.length) says.textContent = says.dataset.words.replace("{what}", fresh.slice(0, 3).join("; "));
  else if (!troubles.length && told.size) says.textContent = says.dataset.calm;
  told = new Set(troubles.map(each => each.id));
}

// --- Keys: one bar is in the order of Tab; arrows lead to the others
const bars = () => all("#live .bar");
function rove(wanted) {
  const found = bars(), chosen = wanted || found.find(each => each === document.activeElement) || found.find(each => each.tabIndex === 0 && each.hasAttribute("tabindex")) || found[0];
  for (const each of found) each.tabIndex = each === chosen ? 0 : -1;
}
function go(bar) {
  if (!bar) return;
  rove(bar);
  bar.focus();
  bar.scrollIntoView({ block: "nearest" });
}
const middle = bar => { const box = bar.getBoundingClientRect(); return box.left + box.width / 2; };
const away = (bar, x) => { const box = bar.getBoundingClientRect(); return Math.max(box.left - x, x - box.right, 0) + (bar.matches(".on-air") ? 0 : 9); };
function arrow(bar, key) {
  const found = bars(), row = bar.closest(".row, .always"), mates = found.filter(each => row.contains(each));
  const lefts = mates.sort((a, b) => middle(a) - middle(b));
  if (key === "ArrowRight" || key === "ArrowLeft") return go(lefts[lefts.indexOf(bar) + (key === "ArrowRight" ? 1 : -1)]);
  const rows = [...new Set(found.map(each => each.closest(".row, .always")))], other = rows[rows.indexOf(row) + (key === "ArrowDown" ? 1 : -1)];
  if (other) go(all(".bar", other).sort((a, b) => Math.abs(middle(a) - middle(bar)) - Math.abs(middle(b) - middle(bar)))[0]);
}
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const on = event.target;
  if (event.key.startsWith("Arrow") && on.matches(".bar")) { event.preventDefault(); return arrow(on, event.key); }
  if (on.closest("input, select, textarea, dialog[open]") || !live) return;
  const doing = {
    n: () => { const at = $(".now")?.getBoundingClientRect().left; at ? go(bars().sort((a, b) => away(a, at) - away(b, at))[0]) : $("#to-now")?.click(); },
    f: () => { const bad = $(".trouble a") || $("#live .bar:is(.failed,.missed,.dark,.forbidden,.retrying,.late)"); bad?.matches(".bar") ? go(bad) : bad?.focus(); },
    "/": () => $('[type="search"]')?.focus(),
    "?": () => help?.showModal(),
  }[event.key];
  if (doing) { event.preventDefault(); doing(); }
});
document.addEventListener("focusin", event => { if (event.target.matches("#live .bar")) rove(event.target); });
document.addEventListener("mouseover", event => {
  const bar = event.target.closest?.(".bar[aria-label]");
  if (bar) bar.title = bar.ariaLabel;
});

// --- The drawer is the window's own page in a dialog; its address is the page's
let opener = null;
async function open(href, push) {
  const answer = await fetch(href, { headers: { Accept: "text/html" } });
  if (!fill(answer, await answer.text())) return location.assign(href);
  if (push) history.pushState({ drawer: true }, "", href);
  if (!drawer.open) drawer.showModal();
  drawer.scrollTop = 0;
  $("details[open] :is(input:not([type=hidden]), button)", drawer)?.focus();
}
function fill(answer, text) {
  const found = $("#window", parsed(text));
  if (!found) return false;
  const shut = document.createElement("button");
  shut.className = "shut";
  shut.textContent = $("button", help).textContent;
  shut.addEventListener("click", () => drawer.close());
  drawer.replaceChildren(shut, document.importNode(found, true));
  drawer.ariaLabel = $("h1", found).textContent;
  ready(drawer);
  tick();
  return true;
}
if (drawer) {
  document.addEventListener("click", event => {
    const link = event.target.closest("a[data-open]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    opener = drawer.open ? opener : link;
    open(link.href, true);
  });
  drawer.addEventListener("click", event => { if (event.target === drawer) drawer.close(); });
  drawer.addEventListener("close", () => {
    if (location.pathname !== "/") history.pushState(null, "", `/${view}`);
    const back = opener?.isConnected ? opener : document.getElementById(opener?.id) || $("#main");
    back.focus();
    poll();
  });
  drawer.addEventListener("submit", async event => {
    event.preventDefault();
    const form = event.target, button = event.submitter;
    if (button) button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!fill(answer, await answer.text())) throw answer;
      drawer.scrollTop = 0;
      $(".done, .refusal", drawer)?.setAttribute("tabindex", "-1");
      $(".done, .refusal", drawer)?.focus();
      poll();
    } catch { form.submit(); }
  });
  addEventListener("popstate", () => {
    if (location.pathname.startsWith("/windows/")) open(location.href, false);
    else if (drawer.open) drawer.close();
  });
} else {
  // A window that was a drawer, and is a page since it was loaded again: the step back is to another page
  addEventListener("popstate", () => location.pathname === here.pathname || location.reload());
}

// --- Drafts: a line leads to its place in the field, and a file may be dropped there
const field = $("#draft textarea");
if (field) {
  document.addEventListener("click", event => {
    const line = event.target.closest("a[data-line]")?.dataset.line - 1;
    if (!(line >= 0)) return;
    event.preventDefault();
    const lines = field.value.split("\n"), start = lines.slice(0, line).join("\n").length + (line > 0);
    field.focus();
    field.setSelectionRange(start, start + (lines[line]?.length || 0));
    field.scrollTop = field.scrollHeight * (line - 3) / lines.length;
  });
  field.addEventListener("dragover", event => event.dataTransfer.types.includes("Files") && event.preventDefault());
  field.addEventListener("drop", event => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    $("#file").files = event.dataTransfer.files;
    $("#file").focus();
  });
}

// --- What only makes sense with a script
function ready(root) {
  for (const each of all("[data-copy]", root)) {
    each.hidden = !navigator.clipboard;
    each.addEventListener("click", () => navigator.clipboard.writeText(each.dataset.copy));
  }
}
ready(document);
if (live) {
  rove();
  announce();
  timer = setTimeout(poll, 5000);
  document.addEventListener("visibilitychange", () => document.hidden || poll());
}
setInterval(tick, 1000);
tick();
