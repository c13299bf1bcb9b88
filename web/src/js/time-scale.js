// A window of time on a width of pixels: zoom about a point, pan, never beyond the limits.

export class TimeScale {
  /** @param {number} from_us limits of the data @param {number} to_us @param {number} least_us smallest window */
  constructor(from_us, to_us, least_us) {
    this.limits = [from_us, to_us];
    this.least_us = least_us;
    this.left = 0;
    this.width = 1;
    this.reset();
  }

  reset() {
    [this.from_us, this.to_us] = this.limits;
  }

  get zoomed() {
    return this.from_us > this.limits[0] || this.to_us < this.limits[1];
  }

  x(us) {
    return this.left + ((us - this.from_us) / (this.to_us - this.from_us)) * this.width;
  }

  us(x) {
    return this.from_us + ((x - this.left) / this.width) * (this.to_us - this.from_us);
  }

  /** Zoom in by `factor` (over 1) or out (under 1), keeping the instant at pixel x where it is. */
  zoom(factor, x = this.left + this.width / 2) {
    const at = this.us(x);
    const full = this.limits[1] - this.limits[0];
    const span = Math.min(Math.max((this.to_us - this.from_us) / factor, this.least_us), full);
    const share = (x - this.left) / this.width;
    this.from_us = at - share * span;
    this.to_us = this.from_us + span;
    this.#keepInside();
  }

  pan(pixels) {
    const us = (pixels / this.width) * (this.to_us - this.from_us);
    this.from_us += us;
    this.to_us += us;
    this.#keepInside();
  }

  /** Move the window, without zooming, so that an interval is seen. */
  reveal(from_us, to_us) {
    const span = this.to_us - this.from_us;
    if (from_us >= this.from_us && to_us <= this.to_us) return;
    const middle = to_us - from_us > span ? from_us + span / 2 : (from_us + to_us) / 2;
    this.from_us = middle - span / 2;
    this.to_us = this.from_us + span;
    this.#keepInside();
  }

  #keepInside() {
    const span = this.to_us - this.from_us;
    this.from_us = Math.min(Math.max(this.from_us, this.limits[0]), this.limits[1] - span);
    this.to_us = this.from_us + span;
  }
}
