// What Datadog's own client gets, as JSON: node datadog.mjs URL API_KEY APP_KEY FROM TO QUERY. Modules are found from the working directory.
import { createRequire } from "node:module";
const require = createRequire(process.cwd() + "/");
const { client, v1 } = require("@datadog/datadog-api-client");
const [url, apiKey, appKey, from, to, query] = process.argv.slice(2);
const { protocol, host } = new URL(url);
const configuration = client.createConfiguration({
  baseServer: new client.BaseServerConfiguration(`${protocol}//${host}`, {}),
  authMethods: { apiKeyAuth: apiKey, appKeyAuth: appKey },
});
const answer = await new v1.MetricsApi(configuration).queryMetrics({ from: Number(from), to: Number(to), query });
console.log(JSON.stringify({ status: answer.status, unparsed: answer._unparsed ?? false, points: answer.series.map((one) => one.pointlist) }));
