// What AWS's own SDK for JavaScript makes of CloudFront in the sandbox, as JSON: node aws_sdk.mjs URL DISTRIBUTION. Modules are found from the working directory.
import { createRequire } from "node:module";
const require = createRequire(process.cwd() + "/");
const aws = require("@aws-sdk/client-cloudfront");
const [endpoint, Id] = process.argv.slice(2);

const credentials = { accessKeyId: "AKIASANDBOX", secretAccessKey: "secret" };
const client = new aws.CloudFrontClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
const call = (name, given) => client.send(new aws[name + "Command"](given));
const refused = (name, given) => call(name, given).then(() => "nothing", (error) => `${error.name} ${error.$metadata.httpStatusCode}`);

const { DistributionConfig, ETag } = await call("GetDistributionConfig", { Id });
const changed = { ...DistributionConfig, Comment: "by <another> client & more" };
const update = (config, IfMatch) => ["UpdateDistribution", { Id, IfMatch, DistributionConfig: config }];
const updated = await call(...update(changed, ETag));
const read = await call("GetDistributionConfig", { Id });
const Paths = { Quantity: 2, Items: ["/assets/*", "/checkout"] };
const batch = { DistributionId: Id, InvalidationBatch: { CallerReference: "sdk", Paths } };
const { Invalidation } = await call("CreateInvalidation", batch);
const { Status } = (await call("GetInvalidation", { DistributionId: Id, Id: Invalidation.Id })).Invalidation;
const { DistributionList } = await call("ListDistributions", {});

console.log(JSON.stringify({
  same: JSON.stringify(read.DistributionConfig) === JSON.stringify(changed),
  etag: updated.ETag !== ETag && updated.ETag === read.ETag,
  modified: updated.Distribution.LastModifiedTime instanceof Date,
  invalidation: [Status, Invalidation.InvalidationBatch.Paths.Items],
  listed: DistributionList.Items.map((one) => one.Id),
  stale: await refused(...update(changed, ETag)),
  reference: await refused(...update({ ...changed, CallerReference: "another" }, read.ETag)),
  gone: await refused("GetDistribution", { Id: "EGONE" }),
}));
