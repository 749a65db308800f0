export interface SizeBounds {
  readonly min: number;
  readonly max: number;
  /** How long one portion is to take. */
  readonly targetMs: number;
}

/** How much to do at once, so that it takes about as long as it is to: learned from what it took before. */
export class AdaptiveSize {
  readonly #bounds: SizeBounds;
  #size: number;

  constructor(bounds: SizeBounds) {
    this.#bounds = bounds;
    this.#size = bounds.min;
  }

  get size(): number {
    return this.#size;
  }

  /** A portion of this size took so long. */
  took(elapsedMs: number): void {
    const { min, max, targetMs } = this.#bounds;
    if (elapsedMs > targetMs) this.#size = Math.max(min, Math.floor(this.#size / 2));
    else if (elapsedMs < targetMs / 2) this.#size = Math.min(max, this.#size * 2);
  }
}
