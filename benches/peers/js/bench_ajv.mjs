// ajv: validators compiled from the schemas of two shipped kinds, over the payloads in ../data.

import { readFileSync } from "node:fs";

import { measure, require } from "./measure.mjs";

const Ajv = require("ajv/dist/2020").default;

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const kinds = "../../../hookspecs";
const event = read(`${kinds}/lifecycle_listener/schemas/request_event.json`);
const report = read(`${kinds}/file_processor/schemas/file_report.json`);

function row(name, schema, path) {
  const payload = read(path);
  const validate = new Ajv().compile(schema);
  if (!validate(payload)) throw new Error(`${path}: ${JSON.stringify(validate.errors)}`);
  const work = (count) => {
    let valid = 0;
    for (let index = 0; index < count; index += 1) valid += validate(payload) ? 1 : 0;
    if (valid !== count) throw new Error(`${name}: ${valid} of ${count} are valid`);
  };
  return { peer: "ajv", row: name, n: 1, work };
}

await measure([
  row("small", event, "../data/small.json"),
  row("1 KB", report, "../data/1kb.json"),
  row("100 KB", report, "../data/100kb.json"),
]);
