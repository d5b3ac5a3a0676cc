// Offers the browser's own time zone where nothing was chosen yet.

const choice = document.querySelector("select[data-own-zone]");
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (choice && [...choice.options].some((option) => option.value === own)) choice.value = own;
