/** Writes GGUF version 3, little endian (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). */
import { closeSync, openSync, writeSync } from "node:fs";

const MAGIC = "GGUF";
const VERSION = 3;
const ALIGNMENT_BYTES = 32;
const TENSOR_TYPE_F32 = 0;

/** Type codes of metadata values. */
const TYPE = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 };

const typed = (type) => (value) => ({ type, value });
export const uint32 = typed("uint32");
export const float32 = typed("float32");
export const bool = typed("bool");
export const string = typed("string");
export const strings = (value) => ({ type: "array", element: "string", value });
export const int32s = (value) => ({ type: "array", element: "int32", value });

/** @param metadata {key: typed value} @param tensors [{name, shape (row-major, slowest first), values: Float32Array}] */
export function writeGguf(path, metadata, tensors) {
  const head = new ByteWriter();
  head.raw(Buffer.from(MAGIC)).uint32(VERSION).uint64(tensors.length).uint64(Object.keys(metadata).length);
  for (const [key, entry] of Object.entries(metadata)) {
    head.string(key).uint32(TYPE[entry.type]).value(entry);
  }
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    head.string(name).uint32(shape.length);
    shape.toReversed().forEach((size) => head.uint64(size)); // GGUF lists the fastest dimension first.
    head.uint32(TENSOR_TYPE_F32).uint64(offset);
    offset = aligned(offset + values.byteLength);
  }

  const file = openSync(path, "w");
  try {
    writePadded(file, head.toBuffer());
    for (const { values } of tensors) {
      writePadded(file, Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    }
  } finally {
    closeSync(file);
  }
}

function aligned(size) {
  return Math.ceil(size / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}

function writePadded(file, bytes) {
  const padded = Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)]);
  for (let at = 0; at < padded.length; ) {
    at += writeSync(file, padded, at);
  }
}

class ByteWriter {
  #parts = [];

  raw(bytes) {
    this.#parts.push(bytes);
    return this;
  }

  #number(size, write) {
    const bytes = Buffer.alloc(size);
    write(bytes);
    return this.raw(bytes);
  }

  uint32(value) {
    return this.#number(4, (bytes) => bytes.writeUInt32LE(value));
  }

  int32(value) {
    return this.#number(4, (bytes) => bytes.writeInt32LE(value));
  }

  uint64(value) {
    return this.#number(8, (bytes) => bytes.writeBigUInt64LE(BigInt(value)));
  }

  float32(value) {
    return this.#number(4, (bytes) => bytes.writeFloatLE(value));
  }

  bool(value) {
    return this.raw(Buffer.from([value ? 1 : 0]));
  }

  string(value) {
    const bytes = Buffer.from(value, "utf8");
    return this.uint64(bytes.length).raw(bytes);
  }

  value({ type, element, value }) {
    if (type !== "array") {
      return this[type](value);
    }
    this.uint32(TYPE[element]).uint64(value.length);
    value.forEach((item) => this[element](item));
    return this;
  }

  toBuffer() {
    return Buffer.concat(this.#parts);
  }
}
