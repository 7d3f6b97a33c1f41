// A file of its own: the page's policy allows no script inside a document.
window.SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#calls",
  deepLinking: true,
  // It would ask another host whether the description is right.
  validatorUrl: null,
});
