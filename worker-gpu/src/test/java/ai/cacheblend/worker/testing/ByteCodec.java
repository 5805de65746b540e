package ai.cacheblend.worker.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.cacheblend.worker.model.TextCodec;
import com.google.common.primitives.ImmutableIntArray;
import java.io.ByteArrayOutputStream;

/** A token is a byte of UTF-8; ids from 256 on are special. */
public final class ByteCodec implements TextCodec {
  public static final int BOS = 256;
  public static final int EOS = 257;
  public static final int VOCABULARY_SIZE = 258;

  private volatile Thread encodingThread;
  private volatile Runnable beforeEncode = () -> {};
  private volatile Runnable beforeDecode = () -> {};

  /** Runs on the encoding thread before each text. */
  public void beforeEncode(Runnable action) {
    beforeEncode = action;
  }

  /** Runs on the decoding thread before each text. */
  public void beforeDecode(Runnable action) {
    beforeDecode = action;
  }

  /** The thread that encoded last. */
  public Thread encodingThread() {
    return encodingThread;
  }

  @Override
  public ImmutableIntArray encode(String text, boolean addSpecialTokens) {
    encodingThread = Thread.currentThread();
    beforeEncode.run();
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
    if (addSpecialTokens) {
      ids.add(BOS);
    }
    for (byte b : text.getBytes(UTF_8)) {
      ids.add(b & 0xff);
    }
    return ids.build();
  }

  @Override
  public String decode(ImmutableIntArray tokenIds) {
    beforeDecode.run();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    tokenIds.stream().filter(id -> !isSpecial(id)).forEach(bytes::write);
    return bytes.toString(UTF_8);
  }

  @Override
  public boolean isSpecial(int tokenId) {
    return tokenId >= 256;
  }
}
