// A cache with time to live.

export class Cache<T> {
  readonly #known = new Map<string, { value: T; until: number }>();

  constructor(private readonly age: number) {}

  async get(key: string, find: () => Promise<T | undefined>): Promise<T | undefined> {
    const known = this.#known.get(key);
    if (known && Date.now() < known.until) return known.value;
    const value = await find();
    if (value === undefined) this.#known.delete(key);
    else this.#known.set(key, { value, until: Date.now() + this.age });
    return value;
  }

  forget(key: string): void {
    this.#known.delete(key);
  }
}
