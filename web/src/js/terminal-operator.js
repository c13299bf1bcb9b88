// Who taps: somebody scans a badge, or gives name and PIN. The tablet keeps the pass the plant gives; without a
// connection a scanned badge is kept in its place, and the plant judges it when the taps arrive.

import { word } from "./words.js";
import { now } from "./zone.js";

const RECENT = 6;
const SCAN_GAP_MS = 80;
const LEAST_BADGE = 3;

export class Operators {
  #root;
  #outbox;
  #changed;
  #idle = 0;
  current = null;

  static async start(root, outbox, changed) {
    const operators = new Operators();
    operators.#root = root;
    operators.#outbox = outbox;
    operators.#changed = changed;
    operators.current = (await outbox.meta("operator")) ?? null;
    operators.#listen();
    await operators.#drawn();
    operators.touched();
    return operators;
  }

  /** What goes with a tap: the pass or the badge, and a name for it on this tablet. */
  proof() {
    const { pass, badge, id } = this.current;
    return pass ? { pass, operator: id } : { badge, operator: id };
  }

  /** True if somebody is signed in whose pass still holds. */
  get in() {
    return this.current !== null && (!this.current.until_us || now() < this.current.until_us);
  }

  ask(problem = "") {
    const dialog = this.#root.querySelector("[data-term-dialog=who]");
    this.#problem(problem);
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[name=badge]").focus();
  }

  /** A tap was made: the time until the tablet signs off by itself begins again. */
  touched() {
    clearTimeout(this.#idle);
    if (this.current) this.#idle = setTimeout(() => this.signOff(), Number(this.#root.dataset.signOffMs));
  }

  async signOff() {
    clearTimeout(this.#idle);
    await this.#become(null);
  }

  #listen() {
    const root = this.#root;
    root.querySelector("[data-who-open]").addEventListener("click", () => this.ask());
    root.querySelector("[data-sign-off]").addEventListener("click", () => this.signOff().then(() => this.#close()));
    root.querySelector("[data-badge-form]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#scanned(event.target.elements.badge.value.trim());
    });
    root.querySelector("[data-pin-form]").addEventListener("submit", (event) => {
      event.preventDefault();
      const { username, pin } = event.target.elements;
      this.#signIn({ username: username.value.trim(), pin: pin.value });
      pin.value = "";
    });
    this.#listenToScanner();
  }

  /** A badge reader types like a keyboard, only faster, and ends with Enter; it may come at any moment. */
  #listenToScanner() {
    let typed = "";
    let last = 0;
    document.addEventListener("keydown", (event) => {
      if (event.target.matches?.("input, select, textarea")) return;
      if (event.timeStamp - last > SCAN_GAP_MS) typed = "";
      last = event.timeStamp;
      if (event.key === "Enter" && typed.length >= LEAST_BADGE) {
        event.preventDefault();
        this.#scanned(typed);
        typed = "";
      } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) typed += event.key;
    });
  }

  #scanned(badge) {
    const field = this.#root.querySelector("[data-badge-form]").elements.badge;
    field.value = "";
    if (badge) this.#signIn({ badge });
  }

  async #signIn(given) {
    this.#problem("");
    let answer;
    try {
      const response = await fetch(this.#root.dataset.signInUrl, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(given),
        signal: AbortSignal.timeout(8000),
        cache: "no-store",
      });
      answer = { status: response.status, ...(await response.json().catch(() => ({}))) };
    } catch {
      answer = { status: 0 };
    }
    if (answer.now_us) this.#outbox.learned(answer.now_us);
    if (answer.status === 200) {
      const { pass, id, name, username, language, until_us } = answer;
      await this.#become({ pass, id, name, username, language, until_us });
      await this.#remember({ name, username });
      this.#close();
      this.#speak(language);
    } else if (answer.status !== 0 && answer.status < 500) {
      this.ask(answer.problems?.[0]?.message ?? word("terminal.not_known"));
    } else if (given.badge) {
      await this.#become({ badge: given.badge, id: `badge ${given.badge}`, name: word("terminal.badge", { end: given.badge.slice(-3) }) });
      this.#close();
    } else {
      this.ask(word("terminal.pin_offline"));
    }
  }

  /** The terminal in the language of the badge. */
  #speak(language) {
    const offered = this.#root.dataset.languages.split(" ");
    if (!language || !offered.includes(language) || language === document.documentElement.lang) return;
    const url = new URL(location.href);
    url.searchParams.set("lang", language);
    location.replace(url);
  }

  async #become(operator) {
    this.current = operator;
    await this.#outbox.setMeta("operator", operator);
    await this.#drawn();
    this.touched();
    this.#changed();
  }

  async #remember(one) {
    const before = (await this.#outbox.meta("recent")) ?? [];
    const recent = [one, ...before.filter((other) => other.username !== one.username)].slice(0, RECENT);
    await this.#outbox.setMeta("recent", recent);
    await this.#drawn();
  }

  async #drawn() {
    const root = this.#root;
    const inside = this.in;
    root.querySelector("[data-who]").textContent = inside ? this.current.name : word("terminal.scan");
    root.querySelector("[data-who-open]").dataset.whoState = inside ? "in" : "out";
    root.querySelector("[data-who-in]").hidden = !inside;
    root.querySelector("[data-who-name]").textContent = inside ? this.current.name : "";
    const names = root.querySelector("[data-recent]");
    const recent = (await this.#outbox.meta("recent")) ?? [];
    names.replaceChildren(
      ...recent.map(({ name, username }) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "pb-touch";
        button.textContent = name;
        button.addEventListener("click", () => {
          root.querySelector("[data-pin-form]").elements.username.value = username;
          root.querySelector("[data-pin-form]").elements.pin.focus();
        });
        return button;
      }),
    );
  }

  #problem(text) {
    const said = this.#root.querySelector("[data-who-problem]");
    said.textContent = text;
    said.hidden = !text;
  }

  #close() {
    const dialog = this.#root.querySelector("[data-term-dialog=who]");
    if (dialog.open) dialog.close();
  }
}
