package ai.cacheblend.proto.v1;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Token ids as the contract has them travel, and back; each way is one copy of memory. */
public final class TokenIdCodec {
  private TokenIdCodec() {}

  public static TokenIds encode(int... ids) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(ids.length, Integer.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(ids);
    // Nobody else has the buffer.
    return TokenIds.newBuilder().setIds(UnsafeByteOperations.unsafeWrap(bytes)).build();
  }

  /** An id above 2³¹ − 1 comes out negative. */
  public static int[] decode(TokenIds message) {
    ByteString bytes = message.getIds();
    if (bytes.size() % Integer.BYTES != 0) {
      throw new IllegalArgumentException(
          "ids has " + bytes.size() + " bytes; give four for each id");
    }
    int[] ids = new int[bytes.size() / Integer.BYTES];
    bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(ids);
    return ids;
  }
}
