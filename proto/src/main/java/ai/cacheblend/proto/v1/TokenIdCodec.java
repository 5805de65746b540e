package ai.cacheblend.proto.v1;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Converts token ids to and from the packed byte array of {@link TokenIds}, with one copy each. */
public final class TokenIdCodec {
  private TokenIdCodec() {}

  public static TokenIds encode(int... ids) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(ids.length, Integer.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(ids);
    // No copy: the buffer is not shared.
    return TokenIds.newBuilder().setIds(UnsafeByteOperations.unsafeWrap(bytes)).build();
  }

  /** Ids above 2³¹ − 1 become negative. */
  public static int[] decode(TokenIds message) {
    ByteString bytes = message.getIds();
    if (bytes.size() % Integer.BYTES != 0) {
      throw new IllegalArgumentException("ids has " + bytes.size() + " bytes; send 4 bytes per id");
    }
    int[] ids = new int[bytes.size() / Integer.BYTES];
    bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(ids);
    return ids;
  }
}
