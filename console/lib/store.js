/** Values that several components show. */
import { useEffect, useState } from '../vendor/htm-preact.js';

/**
 * A value and who wants to know of its changes.
 * @template T
 * @param {T} value
 */
export function createStore(value) {
  /** @type {Set<(value: T) => void>} */
  const listeners = new Set();
  return {
    get: () => value,
    /** @param {T} next */
    set(next) {
      value = next;
      for (const listener of [...listeners]) listener(next);
    },
    /** @param {(value: T) => void} listener */
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/**
 * The value of a store, in a component that is rendered again when it changes.
 * @template T
 * @param {{ get: () => T, subscribe: (listener: (value: T) => void) => () => void }} store
 * @returns {T}
 */
export function useStore(store) {
  const [, render] = useState(/** @type {unknown} */ (undefined));
  useEffect(() => store.subscribe(() => render({})), [store]);
  return store.get();
}
