// Runs before the first paint (a small blocking file): the person's choice of light or dark.
// A page that sets data-theme-fixed (a wall board) keeps the theme it came with.
const root = document.documentElement;

function stored() {
  try {
    return localStorage.getItem("pb.theme");
  } catch {
    return null; // storage switched off: follow the device
  }
}

if (!("themeFixed" in root.dataset)) {
  const choice = stored() ?? "system";
  const dark = choice === "dark" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.bsTheme = dark ? "dark" : "light";
  root.dataset.themeChoice = choice;
}
