// Runs in the page: lists what is cut, overlaps or leaves its chart. Returns an array of texts; empty if the layout is sound.
(() => {
  const faults = [];
  // Content of closed <details> has boxes, but is not visible.
  const shown = element => element.getClientRects().length > 0 && element.checkVisibility();
  const name = element => `${element.tagName.toLowerCase()} "${element.textContent.trim().replace(/\s+/g, ' ').slice(0, 50)}"`;
  const owner = element => element.closest('figure[id], section[id]')?.id ?? 'page';
  const meet = (a, b, slack) =>
    a.left < b.right - slack && b.left < a.right - slack && a.top < b.bottom - slack && b.top < a.bottom - slack;
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    faults.push(`page: ${root.scrollWidth} px wide in ${root.clientWidth} px`);
  }
  for (const element of document.querySelectorAll('body *')) {
    if (!shown(element) || element.closest('svg')) continue;
    if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== 'visible') {
      faults.push(`${owner(element)}: ${element.tagName.toLowerCase()}.${element.className} cuts ${element.scrollWidth - element.clientWidth} px`);
    }
    const box = element.getBoundingClientRect();
    if (box.right > root.clientWidth + 1 || box.left < -1) faults.push(`${owner(element)}: ${name(element)} leaves the page`);
  }
  for (const svg of document.querySelectorAll('svg.chart')) {
    if (!shown(svg)) continue;
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].filter(text => text.textContent).map(text => ({ text, box: text.getBoundingClientRect() }));
    texts.forEach(({ text, box }, i) => {
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) {
        faults.push(`${owner(svg)}: ${name(text)} leaves the chart`);
      }
      texts.slice(i + 1).filter(other => meet(box, other.box, 2))
        .forEach(other => faults.push(`${owner(svg)}: ${name(text)} overlaps ${name(other.text)}`));
    });
    for (const bar of svg.querySelectorAll('.bar, .mark, .dot, .tip')) {
      if (bar.closest('.legend')) continue;
      const box = bar.getBoundingClientRect();
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) {
        faults.push(`${owner(svg)}: a ${bar.getAttribute('class')} leaves the chart`);
      }
      texts.filter(({ text, box: label }) => !text.classList.contains('halo') && !text.parentNode.contains(bar) && meet(box, label, 2))
        .forEach(({ text }) => faults.push(`${owner(svg)}: a ${bar.getAttribute('class')} runs through ${name(text)}`));
    }
  }
  const leaves = [...document.querySelectorAll('main *, header *')]
    .filter(e => shown(e) && !e.closest('svg') && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  leaves.forEach((element, i) => {
    const box = element.getBoundingClientRect();
    for (const other of leaves.slice(i + 1)) {
      if (element.contains(other) || getComputedStyle(element).display === 'inline' || getComputedStyle(other).display === 'inline') continue;
      if (meet(box, other.getBoundingClientRect(), 2)) faults.push(`${owner(element)}: ${name(element)} overlaps ${name(other)}`);
    }
  });
  return [...new Set(faults)];
})()
