// Opens the browser's print dialogue for a receipt.
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
