// Keeps the bars of running work moving; when one ends the page is drawn anew.

const EVERY = 1500;

async function follow(bar) {
  try {
    const answer = await fetch(bar.dataset.job, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { status, done, total } = await answer.json();
    if (status !== "waiting") {
      location.reload();
      return;
    }
    if (total) {
      bar.max = total;
      bar.value = done;
    }
  } catch {
    // the server is away for a moment: ask again
  }
  setTimeout(() => follow(bar), EVERY);
}

document.querySelectorAll("progress[data-job]").forEach(follow);
