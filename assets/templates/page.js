// Draws every chart of the page once its place is laid out, and again at the width of the paper when printed.
const plots = [...document.querySelectorAll(".plot")];
if (window.Plotly) {
  const narrow = window.innerWidth < 560;
  for (const plot of plots) {
    const { data, layout } = JSON.parse(document.getElementById(plot.id.replace("plot-", "spec-")).textContent);
    if (narrow) layout.font.size = 11;
    Plotly.newPlot(plot, data, layout, { displayModeBar: false, responsive: true });
  }
  addEventListener("beforeprint", () => plots.forEach((plot) => {
    plot.screenHeight = plot.layout.height;
    Plotly.relayout(plot, { width: 640, height: 0.85 * plot.screenHeight });
  }));
  addEventListener("afterprint", () => plots.forEach((plot) => Plotly.relayout(plot, { width: null, height: plot.screenHeight, autosize: true })));
} else {
  for (const plot of plots) plot.textContent = "Biểu đồ cần tệp plotly.min.js nằm cùng thư mục với trang này. Các số vẫn có trong bảng số liệu.";
}
