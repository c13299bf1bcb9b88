// Pages that are there without a network: their service worker, and the change to a new version of it.

const LOOK_EVERY_MS = 5000;
const ASK_EVERY_MS = 3_600_000;
const STILL_MS = 60_000;

/**
 * A new version that has been fetched is told, with a button that loads it. By itself it is loaded only after a minute
 * without a touch while `quiet` holds, so that nothing changes under a hand. The queue is not touched by it.
 */
function offerNewVersion(root, registration, quiet) {
  const note = root.querySelector("[data-new-version]");
  let touched_ms = performance.now();
  for (const kind of ["pointerdown", "keydown"])
    document.addEventListener(kind, () => (touched_ms = performance.now()), { capture: true, passive: true });
  const load = () => registration.waiting?.postMessage("take over");
  const look = () => {
    if (note) note.hidden = !registration.waiting;
    if (quiet() && performance.now() - touched_ms > STILL_MS) load();
  };
  note?.querySelector("button").addEventListener("click", load);
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
  setInterval(look, LOOK_EVERY_MS);
  setInterval(() => registration.update().catch(() => {}), ASK_EVERY_MS);
  look();
}

/** Keep the page at hand: `root` names worker and scope, `quiet` says that nobody is in the middle of something. */
export async function install(root, quiet) {
  if (!navigator.serviceWorker) return;
  const controlled = navigator.serviceWorker.controller !== null;
  let reloading = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (!controlled || reloading) return;
    reloading = true;
    location.reload();
  });
  const { worker, scope } = root.dataset;
  try {
    const registration = await navigator.serviceWorker.register(worker, { scope, updateViaCache: "none" });
    offerNewVersion(root, registration, quiet);
    const kept = await navigator.serviceWorker.ready;
    kept.active?.postMessage({ keep: location.href });
  } catch {
    // Without a certificate the browser trusts there is no app; the queue works all the same.
  }
}
