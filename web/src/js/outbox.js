// The outbox of a tablet's taps: numbered and kept in IndexedDB before anything is shown, given up only when the
// plant has said what became of each. On an enrolled tablet it belongs to the tablet, not to whoever is signed in; on a
// screen of somebody's own it is theirs, and has a base of its own. It outlives reloads, sign-outs, new tokens and new
// versions of the page.
//
//   taps     {session, seq, kind, clock_us, offset_us, pass, badge, data, label, operator}
//   notices  {id, label, at_us, operator, problems}     what the plant refused, until its operator has seen it
//   meta     {name, value}                              session, next, operator, recent, offset_us

const NAME = "plantbeat-terminal";
const AT_ONCE = 50;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
const ANSWER_WITHIN_MS = 20_000;
const SENT = ["seq", "kind", "clock_us", "offset_us", "pass", "badge", "data"];

const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const committed = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("not stored"));
  });

function opened(name) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    const base = request.result;
    base.createObjectStore("taps", { keyPath: ["session", "seq"] });
    base.createObjectStore("notices", { keyPath: "id", autoIncrement: true });
    base.createObjectStore("meta", { keyPath: "name" });
  };
  return asked(request);
}

/** A name no other numbering has. */
function newSession() {
  const random = crypto.getRandomValues(new Uint8Array(15));
  return btoa(String.fromCharCode(...random)).replaceAll("+", "-").replaceAll("/", "_");
}

export class Outbox {
  #base;
  #name;
  #url;
  #hear;
  #headers;
  #retry = 0;
  #wait_ms = FIRST_WAIT_MS;
  #draining = null;
  #again = false;

  /** `state`: "idle", "sending", "away" (no connection) or "blocked" (the plant takes nothing; `why` says it). */
  state = "idle";
  why = "";
  learned = () => {};

  /** `name` of its base; `headers` that go with each sending. */
  static async open(url, hear, { name = NAME, headers = () => ({}) } = {}) {
    const outbox = new Outbox();
    outbox.#base = await opened(name);
    outbox.#name = name;
    outbox.#url = url;
    outbox.#hear = hear;
    outbox.#headers = headers;
    addEventListener("online", () => {
      outbox.#wait_ms = FIRST_WAIT_MS; // long waits were for the network, which is back
      outbox.drain();
    });
    addEventListener("offline", () => outbox.#say("away"));
    document.addEventListener("visibilitychange", () => document.hidden || outbox.drain());
    return outbox;
  }

  #stores(names, mode = "readonly") {
    return this.#base.transaction(names, mode, mode === "readwrite" ? { durability: "strict" } : {});
  }

  async meta(name) {
    return (await asked(this.#stores(["meta"]).objectStore("meta").get(name)))?.value;
  }

  async setMeta(name, value) {
    const transaction = this.#stores(["meta"], "readwrite");
    transaction.objectStore("meta").put({ name, value });
    await committed(transaction);
  }

  /** Number a tap and keep it; resolves once it is on the disk of the tablet. */
  async add(tap) {
    const transaction = this.#stores(["taps", "meta"], "readwrite");
    const meta = transaction.objectStore("meta");
    const session = (await asked(meta.get("session")))?.value ?? newSession();
    const seq = (await asked(meta.get("next")))?.value ?? 1;
    meta.put({ name: "session", value: session });
    meta.put({ name: "next", value: seq + 1 });
    const kept = { ...tap, session, seq };
    transaction.objectStore("taps").add(kept);
    await committed(transaction);
    this.#hear();
    this.drain();
    return kept;
  }

  /** Taps that wait, in their order. */
  waiting() {
    return asked(this.#stores(["taps"]).objectStore("taps").getAll()).then((taps) =>
      taps.sort((a, b) => a.clock_us - b.clock_us || a.seq - b.seq),
    );
  }

  notices() {
    return asked(this.#stores(["notices"]).objectStore("notices").getAll());
  }

  async seen(id) {
    const transaction = this.#stores(["notices"], "readwrite");
    transaction.objectStore("notices").delete(id);
    await committed(transaction);
    this.#hear();
  }

  /** Send what waits, one batch after the other; whoever calls meanwhile has it done once more. */
  drain() {
    if (this.#draining) {
      this.#again = true;
      return this.#draining;
    }
    clearTimeout(this.#retry);
    this.#draining = this.#alone().finally(() => {
      this.#draining = null;
      if (this.#again) {
        this.#again = false;
        this.drain();
      }
    });
    return this.#draining;
  }

  /** One tab of the tablet sends at a time; twice would be harmless, but slower. */
  #alone() {
    if (!navigator.locks) return this.#send();
    return navigator.locks.request(`${this.#name}-taps`, { ifAvailable: true }, (lock) => {
      if (lock) return this.#send();
      this.#later();
      return undefined;
    });
  }

  async #send() {
    for (;;) {
      const batch = await this.#next();
      if (batch.length === 0) {
        this.#wait_ms = FIRST_WAIT_MS;
        this.#say("idle");
        return;
      }
      this.#say("sending");
      const answer = await this.#posted(batch);
      if (!(await this.#settled(batch, answer))) {
        this.#later();
        return;
      }
      this.#wait_ms = FIRST_WAIT_MS;
    }
  }

  /** The first taps of one numbering. */
  async #next(most = AT_ONCE) {
    const all = await asked(this.#stores(["taps"]).objectStore("taps").getAll(null, 2 * AT_ONCE));
    const first = all[0]?.session;
    return all.filter((tap) => tap.session === first).slice(0, this.single ? 1 : most);
  }

  async #posted(batch) {
    const taps = batch.map((tap) => Object.fromEntries(SENT.filter((key) => key in tap).map((key) => [key, tap[key]])));
    const sent = { session: batch[0].session, clock_us: Date.now() * 1000, taps };
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...this.#headers() },
        body: JSON.stringify(sent),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        cache: "no-store",
      });
      return { status: response.status, ...(await response.json().catch(() => ({}))) };
    } catch {
      return { status: 0 };
    }
  }

  /** Put away what has its outcome; false if there is nothing more to do for now. */
  async #settled(batch, answer) {
    if (answer.now_us) this.learned(answer.now_us);
    if (answer.status === 200 && Array.isArray(answer.results)) {
      this.single = false;
      await this.#putAway(batch, answer.results);
      // The plant knows fewer numbers than were given up here: it was set back. These were never taken by it.
      if (answer.results.length === 0) await this.#renumber(batch[0].session);
      return true;
    }
    if (answer.status === 422) {
      if (batch.length > 1) {
        this.single = true;
        return true;
      }
      await this.#putAway(batch, [{ seq: batch[0].seq, outcome: "refused", problems: answer.problems ?? [] }]);
      await this.#renumber(batch[0].session);
      this.single = false;
      return true;
    }
    const told = answer.problems?.[0]?.message ?? "";
    if ([401, 403, 409].includes(answer.status)) this.#say("blocked", told);
    else this.#say("away", told);
    return false;
  }

  async #putAway(batch, results) {
    const of = new Map(batch.map((tap) => [tap.seq, tap]));
    const transaction = this.#stores(["taps", "notices"], "readwrite");
    for (const { seq, outcome, first, problems } of results) {
      const tap = of.get(seq);
      if (!tap) continue;
      transaction.objectStore("taps").delete([tap.session, tap.seq]);
      if (outcome !== "refused" && first !== "refused") continue;
      const at_us = tap.clock_us + (tap.offset_us ?? 0);
      transaction.objectStore("notices").add({ label: tap.label, at_us, operator: tap.operator, problems });
    }
    await committed(transaction);
    this.#hear();
  }

  /** Give the waiting taps of a numbering numbers of a new one. Only where the plant has said it took none. */
  async #renumber(old) {
    const transaction = this.#stores(["taps", "meta"], "readwrite");
    const taps = transaction.objectStore("taps");
    const session = newSession();
    let seq = 0;
    for (const tap of await asked(taps.getAll())) {
      if (tap.session !== old) continue;
      seq += 1;
      taps.delete([tap.session, tap.seq]);
      taps.add({ ...tap, session, seq });
    }
    transaction.objectStore("meta").put({ name: "session", value: session });
    transaction.objectStore("meta").put({ name: "next", value: seq + 1 });
    await committed(transaction);
  }

  #later() {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.drain(), this.#wait_ms * (0.5 + Math.random()));
    this.#wait_ms = Math.min(this.#wait_ms * 2, LONGEST_WAIT_MS);
  }

  #say(state, why = "") {
    if (state === this.state && why === this.why) return;
    this.state = state;
    this.why = why;
    this.#hear();
  }
}
