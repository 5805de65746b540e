package ai.cacheblend.worker.export.weights;

import java.nio.ByteBuffer;
import java.util.Optional;

/** Number formats of safetensors that can be read as weights. */
enum StoredType {
  F32(4) {
    @Override
    float get(ByteBuffer bytes, int index) {
      return bytes.getFloat(index * 4);
    }
  },
  F16(2) {
    @Override
    float get(ByteBuffer bytes, int index) {
      return FloatBits.fromHalf(bytes.getShort(index * 2));
    }
  },
  BF16(2) {
    @Override
    float get(ByteBuffer bytes, int index) {
      return FloatBits.fromBfloat(bytes.getShort(index * 2));
    }
  },
  F64(8) {
    @Override
    float get(ByteBuffer bytes, int index) {
      return (float) bytes.getDouble(index * 8);
    }
  };

  private final int byteCount;

  StoredType(int byteCount) {
    this.byteCount = byteCount;
  }

  int byteCount() {
    return byteCount;
  }

  /** The number at that index of a little-endian buffer; F64 is rounded to nearest even. */
  abstract float get(ByteBuffer bytes, int index);

  static Optional<StoredType> ofName(String name) {
    for (StoredType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
