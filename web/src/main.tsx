/** Starts the page. */

import { registerSW } from "virtual:pwa-register";
import { render } from "preact";
import { App } from "./app";
import { watchReadiness } from "./state/readiness";
import "./style/index.css";

const root = document.getElementById("app");
if (root) {
  render(<App />, root);
  watchReadiness();
  watchVersion();
}
