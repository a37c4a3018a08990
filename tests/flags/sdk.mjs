// What the vendors' own SDKs get, as JSON: node sdk.mjs VENDOR URL CREDENTIAL FLAG. Modules are found from the working directory.
import { createRequire } from "node:module";
const require = createRequire(process.cwd() + "/");
const [vendor, url, credential, flag] = process.argv.slice(2);

const evaluate = {
  async launchdarkly() {
    const { init, basicLogger } = require("@launchdarkly/node-server-sdk");
    const quiet = { sendEvents: false, diagnosticOptOut: true, logger: basicLogger({ level: "error" }) };
    const client = init(credential, { baseUri: url, stream: false, ...quiet });
    await client.waitForInitialization({ timeout: 10 });
    const value = await client.variation(flag, { kind: "user", key: "somebody" }, null);
    client.close();
    return value;
  },
  async flagsmith() {
    const { Flagsmith } = require("flagsmith-nodejs");
    const flags = await new Flagsmith({ environmentKey: credential, apiUrl: url + "/" }).getEnvironmentFlags();
    return flags.isFeatureEnabled(flag);
  },
  async edgeConfig() {
    const { createClient } = require("@vercel/edge-config");
    return (await createClient(`${url}?token=${credential}`).get(flag)) ?? null;
  },
};

console.log(JSON.stringify(await evaluate[vendor]()));
process.exit(0);
