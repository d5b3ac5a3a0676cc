// Proposes a form's key from its title, until somebody writes a key themselves.

function keyOf(title) {
  const plain = title.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+/, "").replace(/_+$/, "").slice(0, 40);
}

for (const form of document.querySelectorAll("form[data-makes-key]")) {
  const { title, key } = form.elements;
  let own = key.value !== "";
  key.addEventListener("input", () => { own = key.value !== ""; });
  title.addEventListener("input", () => { if (!own) key.value = keyOf(title.value); });
}
