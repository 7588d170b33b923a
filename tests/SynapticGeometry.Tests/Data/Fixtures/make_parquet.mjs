// Writes rust.parquet with the Rust implementation of Parquet, which many tools share: an independent writer for the reader to
// be tested on. Run with Node in a folder where the packages parquet-wasm and apache-arrow are installed:
//   node make_parquet.mjs OUTPUT_FOLDER
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";

const require = createRequire(join(process.cwd(), "package.json"));
const arrow = require("apache-arrow");
const parquet = require("parquet-wasm");

const count = 6;
const ids = Array.from({ length: count }, (_, i) => i);
const base = ids.map(i => (i * i - 7 * i + 1.5) / 8);
const vector = (values, type) => arrow.vectorFromArray(values, type);
const table = new arrow.Table({
  f64: vector(base, new arrow.Float64()),
  f32: vector(base, new arrow.Float32()),
  f64_missing: vector(base.map((x, i) => (i === 2 ? null : x)), new arrow.Float64()),
  f32_missing: vector(base.map((x, i) => (i === 2 ? null : x)), new arrow.Float32()),
  i8: vector(ids.map(i => i - 3), new arrow.Int8()),
  i16: vector(ids.map(i => i - 3), new arrow.Int16()),
  i32: vector(ids.map(i => i - 3), new arrow.Int32()),
  i64: vector(ids.map(i => BigInt(i - 3)), new arrow.Int64()),
  i64_missing: vector(ids.map(i => (i === 2 ? null : BigInt(i - 3))), new arrow.Int64()),
  u8: vector(ids, new arrow.Uint8()),
  u16: vector(ids, new arrow.Uint16()),
  u32: vector(ids, new arrow.Uint32()),
  u64: vector(ids.map(i => BigInt(i)), new arrow.Uint64()),
  flag: vector(ids.map(i => i % 2 === 0), new arrow.Bool()),
  word: vector(["pyr", "pv", null, "naïve", "pyr", ""], new arrow.Utf8()),
  list: vector(ids.map(i => [i, i]), new arrow.List(new arrow.Field("item", new arrow.Float64()))),
});
const options = new parquet.WriterPropertiesBuilder()
  .setCompression(parquet.Compression.SNAPPY)
  .setMaxRowGroupSize(4)
  .build();
const written = parquet.writeParquet(parquet.Table.fromIPCStream(arrow.tableToIPC(table, "stream")), options);
writeFileSync(join(process.argv[2] ?? ".", "rust.parquet"), written);
