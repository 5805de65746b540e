package ai.cacheblend.worker.model;

import com.google.common.primitives.ImmutableIntArray;

/** Text to token ids and back. Thread-safe. */
public interface TextCodec {
  /** Special tokens spelled out in the text become their ids. */
  ImmutableIntArray encode(String text, boolean addSpecialTokens);

  /** Leaves special tokens out. */
  String decode(ImmutableIntArray tokenIds);

  boolean isSpecial(int tokenId);
}
