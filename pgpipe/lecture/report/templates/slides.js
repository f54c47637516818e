"use strict";
// Arrow keys, space and page keys turn the slides; without this they scroll.
(() => {
  const slides = [...document.querySelectorAll(".slide")];
  const here = () => slides.reduce((best, slide, i) => (Math.abs(slide.getBoundingClientRect().top) < Math.abs(slides[best].getBoundingClientRect().top) ? i : best), 0);
  const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
  document.addEventListener("keydown", (event) => {
    const step = event.key === "Home" ? -slides.length : event.key === "End" ? slides.length : steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = slides[Math.max(0, Math.min(slides.length - 1, here() + step))];
    next.scrollIntoView();
    history.replaceState(null, "", `#${next.id}`);
  });
})();
