/** Starts the page. */

import { render } from "preact";
import { App } from "./app";
import { watchReadiness } from "./state/readiness";
import { watchVersion } from "./state/version";
import "./style/index.css";

const root = document.getElementById("app");
if (root) {
  render(<App />, root);
  watchReadiness();
  watchVersion();
}
