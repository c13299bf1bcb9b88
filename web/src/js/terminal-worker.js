// Service worker of the terminal, and of the pages whose forms wait in a queue: keeps their frame and the last thing
// they showed, so that they are there without a network. It never sends and never keeps a tap; those are the outbox's.
//
// Pages of the terminal: what was shown last, at once, and the new one fetched behind it for the next time. Pages of
// somebody's own: the new one, else what was shown last. The part of a page that changes: from the plant, else as it
// was last. Files: those of the version a page names. This version's and the one's before are kept, because a kept page
// may be of either; a page of yet another version gets the files of the same name.

const { version, assets, terminal } = self.PLANTBEAT;
const ALL_FILES = "plantbeat-files-";
const FILES = `${ALL_FILES}${version}`;
const START = new URL(self.registration.scope).pathname;
const OWN = START !== terminal;
const PAGES = OWN ? "plantbeat-own-pages" : "plantbeat-pages";
const ANSWER_WITHIN_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES).then((files) => files.addAll(assets)));
});

/** Names of the caches with files of other versions, the oldest first. */
const otherFiles = async () => (await caches.keys()).filter((name) => name.startsWith(ALL_FILES) && name !== FILES);

self.addEventListener("activate", (event) => {
  event.waitUntil(
    otherFiles()
      .then((names) => Promise.all(names.slice(0, -1).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
  else if (event.data?.keep) event.waitUntil(fetched(new Request(event.data.keep)).catch(() => {}));
});

/** Whether an answer is a terminal's page, and not a sign-in, a refusal or another page. */
const isPage = (response) => response.ok && !response.redirected && (response.headers.get("Content-Type") ?? "").startsWith("text/html");

/** Whether somebody was led away from these pages, to a sign-in or to the pairing of screens. */
const isElsewhere = (response) => response.redirected && !new URL(response.url).pathname.startsWith(START);

async function fetched(request, more = {}) {
  const response = await fetch(request.url, { credentials: "same-origin", cache: "no-store", ...more });
  if (isPage(response)) {
    const pages = await caches.open(PAGES);
    await pages.put(request.url, response.clone());
    if (!new URL(request.url).searchParams.has("part")) await pages.put("last", response.clone());
  } else if (response.status === 403 || isElsewhere(response)) {
    // Revoked or paired anew: what was shown before is nobody's any more.
    await caches.delete(PAGES);
  }
  return response;
}

/** A kept page, marked as such: its server time is an old one. */
async function marked(response) {
  const text = (await response.text()).replace("<html ", "<html data-cached ");
  const headers = new Headers(response.headers);
  headers.set("X-From-Cache", "1");
  headers.delete("Content-Length");
  headers.delete("Content-Encoding");
  return new Response(text, { status: 200, headers });
}

/** A browser takes no redirected answer from a worker for a page; it is led there itself. */
const led = (response) => (response.redirected ? Response.redirect(response.url) : response);

async function page(event) {
  const pages = await caches.open(PAGES);
  const start = new URL(event.request.url).pathname === START;
  const kept = await pages.match(start ? "last" : event.request.url);
  const fresh = fetched(event.request);
  if (!kept) return led(await fresh);
  event.waitUntil(fresh.catch(() => {}));
  return marked(kept);
}

/** A page of somebody's own: from the plant, else as it was last. */
async function ownPage(request) {
  const kept = await (await caches.open(PAGES)).match(request.url);
  try {
    return led(await fetched(request, kept ? { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) } : {}));
  } catch {
    return kept ? marked(kept) : Response.error();
  }
}

async function part(request) {
  try {
    const response = await fetched(request);
    if (response.ok) return response;
  } catch {
    // below
  }
  const kept = await caches.match(request.url, { cacheName: PAGES });
  return kept ? marked(kept) : Response.error();
}

/** Where a file lies whatever its version. */
const plain = (address) => new URL(address).pathname.replace(/^\/static\/[0-9a-f]{16}\//, "/static/");

/** The file of the same name in a version that is kept, this one first. */
async function sameName(request) {
  for (const name of [FILES, ...(await otherFiles()).reverse()]) {
    const files = await caches.open(name);
    const found = (await files.keys()).find((one) => plain(one.url) === plain(request.url));
    if (found) return files.match(found);
  }
  return undefined;
}

async function file(request) {
  const kept = await caches.match(request, { ignoreSearch: true });
  if (kept) return kept;
  const answer = await fetch(request).catch(() => Response.error());
  return answer.ok ? answer : ((await sameName(request)) ?? answer);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const isTerminal = url.pathname.startsWith(START) && !/\.(js|webmanifest)$/.test(url.pathname);
  if (request.mode === "navigate") {
    if (OWN) event.respondWith(ownPage(request));
    else if (isTerminal && !url.searchParams.has("choose") && !/\/(buttons|refused)\/$/.test(url.pathname)) event.respondWith(page(event));
  } else if (isTerminal && url.searchParams.get("part") === "now") event.respondWith(part(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
});
