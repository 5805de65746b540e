package ai.cacheblend.worker.model;

import com.google.common.primitives.ImmutableIntArray;

/** Converts text to token ids and back. Thread-safe. */
public interface TextCodec {
  /** Special tokens that are spelled out in the text become their ids. */
  ImmutableIntArray encode(String text, boolean addSpecialTokens);

  /** The text without special tokens. */
  String decode(ImmutableIntArray tokenIds);

  boolean isSpecial(int tokenId);
}
