package ai.cacheblend.worker.export.weights;

import java.nio.ByteBuffer;
import java.util.Optional;

/** Number formats of safetensors that can be read as weights. */
public enum StoredType implements BlockDecoder {
  F32(4) {
    @Override
    float get(ByteBuffer bytes, int offset) {
      return bytes.getFloat(offset);
    }
  },
  F16(2) {
    @Override
    float get(ByteBuffer bytes, int offset) {
      return FloatBits.fromHalf(bytes.getShort(offset));
    }
  },
  BF16(2) {
    @Override
    float get(ByteBuffer bytes, int offset) {
      return FloatBits.fromBfloat(bytes.getShort(offset));
    }
  },
  F64(8) {
    @Override
    float get(ByteBuffer bytes, int offset) {
      return (float) bytes.getDouble(offset);
    }
  };

  private final int byteCount;

  StoredType(int byteCount) {
    this.byteCount = byteCount;
  }

  @Override
  public int blockElements() {
    return 1;
  }

  @Override
  public int blockBytes() {
    return byteCount;
  }

  @Override
  public void decode(ByteBuffer bytes, int offset, float[] into, int at) {
    into[at] = get(bytes, offset);
  }

  /** The number at that offset of a little-endian buffer; F64 is rounded to nearest even. */
  abstract float get(ByteBuffer bytes, int offset);

  public static Optional<StoredType> ofName(String name) {
    for (StoredType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
