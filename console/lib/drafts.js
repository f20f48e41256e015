/** What is typed and not yet sent, by conversation. It survives another view and a reload, and ends with the tab or the session. */
const PREFIX = 'pombo.draft.';

/** @param {string} id @returns {Record<string, any>} */
export function draftOf(id) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + id) ?? '{}');
  } catch {
    return {};
  }
}

/** @param {string} id @param {Record<string, any>} draft */
export function keepDraft(id, draft) {
  if (Object.values(draft).some((value) => value && value.length)) sessionStorage.setItem(PREFIX + id, JSON.stringify(draft));
  else sessionStorage.removeItem(PREFIX + id);
}
