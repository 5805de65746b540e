import { readFileSync } from "node:fs";

const HEADER_LENGTH_BYTES = 8;

/** Reads a safetensors file. -> Map of tensor name to { shape, values: Float32Array }, in row-major order. */
export function readSafetensors(path) {
  const file = readFileSync(path);
  const headerLength = Number(file.readBigUInt64LE(0));
  const bodyStart = HEADER_LENGTH_BYTES + headerLength;
  const header = JSON.parse(file.toString("utf8", HEADER_LENGTH_BYTES, bodyStart));
  delete header.__metadata__;
  return new Map(
    Object.entries(header).map(([name, { dtype, shape, data_offsets: [from, to] }]) => {
      const bytes = file.subarray(bodyStart + from, bodyStart + to);
      return [name, { shape, values: toFloat32(bytes, dtype, name) }];
    }),
  );
}

function toFloat32(bytes, dtype, name) {
  // A copy, since a tensor may start at any byte and typed arrays need alignment.
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer);
    case "BF16":
      // bfloat16 is the upper half of a float32.
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer);
    default:
      throw new Error(`tensor ${name}: dtype ${dtype} is not supported; use F32 or BF16`);
  }
}
