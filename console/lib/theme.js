/** Light or dark: as the system says, or as somebody chose. */
const THEME = 'pombo.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

const isDark = () => (localStorage.getItem(THEME) ?? (dark.matches ? 'dark' : 'light')) === 'dark';

const showTheme = () => void (document.documentElement.dataset.theme = isDark() ? 'dark' : 'light');

/** Shows the preferred theme, also when the system's changes. */
export function preferTheme() {
  showTheme();
  dark.addEventListener('change', showTheme);
}

export function switchTheme() {
  localStorage.setItem(THEME, isDark() ? 'light' : 'dark');
  showTheme();
}
