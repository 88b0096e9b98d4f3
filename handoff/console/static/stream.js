// The stream of what happens; it comes back by itself, and then everything is looked at anew.

const LONGEST = 15000;

export function listen(on) {
  let tries = 0;
  let source = null;
  let lost = false;

  function begin() {
    source = new EventSource("/console/stream");
    source.addEventListener("hello", () => {
      on.state(true);
      if (lost) on.refresh();
      tries = 0;
      lost = false;
    });
    source.onerror = () => {
      source.close();
      lost = true;
      on.state(false);
      setTimeout(begin, Math.min(LONGEST, 500 * 2 ** tries++) * (0.75 + Math.random() / 2));
    };
    for (const name of ["change", "counts", "typing", "presence", "read", "refresh"]) {
      source.addEventListener(name, (event) => on[name](JSON.parse(event.data)));
    }
    source.addEventListener("ended", () => location.assign("/console/sign-in"));
  }

  begin();
  // A page that goes away closes its stream at once: a browser has only six of them to a server.
  window.addEventListener("pagehide", () => source.close());
}
