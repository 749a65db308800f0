/** Things that happen, in order, and a way to wait for those that have not happened yet. */
export class Inbox<T> {
  readonly items: T[] = [];
  readonly #watchers = new Set<() => void>();

  add(item: T): void {
    this.items.push(item);
    for (const watcher of this.#watchers) watcher();
  }

  /** The first `count` items that fit, past ones included. */
  async first(count: number, fits: (item: T) => boolean = () => true): Promise<T[]> {
    while (this.items.filter(fits).length < count) await this.#change();
    return this.items.filter(fits).slice(0, count);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const watcher = (): void => {
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }
}
