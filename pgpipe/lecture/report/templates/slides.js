"use strict";
// Arrow keys, space and page keys turn the slides, d turns the light off and on; without this they scroll.
(() => {
  const root = document.documentElement, slides = [...document.querySelectorAll(".slide")];
  const here = () => slides.reduce((best, slide, i) => (Math.abs(slide.getBoundingClientRect().top) < Math.abs(slides[best].getBoundingClientRect().top) ? i : best), 0);
  const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
  const kept = (word) => { try { return word ? localStorage.setItem("theme", word) : localStorage.getItem("theme"); } catch { return null; } };
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  if (kept()) root.dataset.theme = kept();
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "d") { root.dataset.theme = dark() ? "light" : "dark"; kept(root.dataset.theme); }
    const step = event.key === "Home" ? -slides.length : event.key === "End" ? slides.length : steps[event.key];
    if (!step) return;
    event.preventDefault();
    const next = slides[Math.max(0, Math.min(slides.length - 1, here() + step))];
    next.scrollIntoView();
    history.replaceState(null, "", `#${next.id}`);
  });
})();
