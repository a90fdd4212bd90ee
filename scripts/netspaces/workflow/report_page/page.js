// What a reader expects of a click: the figure or table is shown, large, with its description beside it.
// Added behind the engine's components/app.js, whose classes App and AbstractResults it knows.

const contentKinds = { "image/svg+xml": "img", "image/png": "img", "image/jpeg": "img", "text/html": "html" };

// The engine's own shows the description alone. `words` filter a table: "verdict=confirmed".
App.prototype.showResultInfo = function (path, words) {
    const result = results[path], view = { navbarMode: "resultinfo", resultPath: path };
    const content = contentKinds[getResultMimeType(path)];
    if (content !== undefined) {
        view.content = content;
        view.contentPath = result.data_uri + (words ? "#" + encodeURIComponent(words) : "");
    }
    this.setView(view);
};

// A click anywhere on a row of a list does what its eye does.
document.addEventListener("click", function (event) {
    const row = event.target.closest("nav tbody tr");
    if (row !== null && event.target.closest("a") === null) {
        row.querySelector("a")?.click();
    }
});
