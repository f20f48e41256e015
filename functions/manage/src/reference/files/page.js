// Shows the API's OpenAPI document. A key that is entered stays in the page: it is not stored.
SwaggerUIBundle({
  url: "v1/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  filter: true,
  persistAuthorization: false,
  validatorUrl: null, // no document leaves the deployment
});
