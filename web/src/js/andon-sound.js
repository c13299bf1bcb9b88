// The sound of calls for help. Browsers play nothing before somebody has tapped, so the button says what it is:
//
//   <button data-andon-sound="L1.andon_sound" aria-pressed="false"><span data-andon-sound-word></span></button>
//
// The live part of the key has a "ring": each new one beeps three times; null is silence.

import { behaviour } from "./behaviours.js";
import { listen } from "./live.js";
import { word } from "./words.js";

const KEPT = "pb-andon-sound";
const NOTES_HZ = [880, 1175, 880];
const NOTE_S = 0.22;
const LOUD = 0.4;
const AGAIN_MS = 20_000;

let context = null;

function stateOfSound(state) {
  if (state === "on") return word("andon.sound_on");
  if (state === "off") return word("andon.sound_off");
  return word("andon.sound_tap");
}

function wanted() {
  return localStorage.getItem(KEPT) === "on";
}

/** Whether the browser lets us play: only after a tap on this page. */
const allowed = () => context?.state === "running";

async function allow() {
  context ??= new AudioContext();
  if (context.state === "suspended") await context.resume();
}

export function beep() {
  if (!allowed()) return;
  NOTES_HZ.forEach((hertz, place) => {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    const at = context.currentTime + place * NOTE_S * 1.3;
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(LOUD, at + 0.02);
    loudness.gain.linearRampToValueAtTime(0, at + NOTE_S);
    tone.connect(loudness).connect(context.destination);
    tone.start(at);
    tone.stop(at + NOTE_S);
  });
}

behaviour("[data-andon-sound]", (button) => {
  let rung = null;
  let again = 0;

  function show() {
    const state = !wanted() ? "off" : allowed() ? "on" : "tap";
    button.setAttribute("aria-pressed", String(state === "on"));
    button.dataset.sound = state;
    button.querySelector("[data-andon-sound-word]").textContent = stateOfSound(state);
  }

  function ring() {
    clearTimeout(again);
    if (rung === null || !wanted()) return;
    beep();
    button.dataset.rung = String(rung);
    again = setTimeout(ring, AGAIN_MS);
  }

  // The first tap anywhere on the page is enough for the browser.
  async function wake() {
    if (wanted()) {
      await allow();
      show();
      ring();
    }
  }

  button.addEventListener("click", async (event) => {
    event.stopPropagation();
    const turnOn = !(wanted() && allowed());
    localStorage.setItem(KEPT, turnOn ? "on" : "off");
    if (turnOn) {
      await allow();
      beep();
    } else clearTimeout(again);
    show();
  });
  document.addEventListener("pointerdown", wake, { once: true });
  const deafen = listen(button.dataset.andonSound, (part) => {
    const next = part.ring ?? null;
    if (next === rung) return;
    rung = next;
    ring();
  });
  show();
  return () => {
    clearTimeout(again);
    document.removeEventListener("pointerdown", wake);
    deafen();
  };
});
