// A wall board on a screen that stands upright: the server lays it out, so that as many tiles stand there as can be
// read. It is asked for again when the screen is turned.

import { behaviour } from "./behaviours.js";

const upright = matchMedia("(orientation: portrait)");

function layOut() {
  const laid = "upright" in document.documentElement.dataset;
  if (laid === upright.matches) return;
  const address = new URL(location.href);
  if (upright.matches) address.searchParams.set("upright", "1");
  else address.searchParams.delete("upright");
  location.replace(address);
}

behaviour("[data-wall]", () => {
  upright.addEventListener("change", layOut);
  layOut();
  return () => upright.removeEventListener("change", layOut);
});
