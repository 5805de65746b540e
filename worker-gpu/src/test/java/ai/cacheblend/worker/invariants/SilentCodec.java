package ai.cacheblend.worker.invariants;

import ai.cacheblend.worker.model.TextCodec;
import com.google.common.primitives.ImmutableIntArray;

/** These models have no tokenizer. */
enum SilentCodec implements TextCodec {
  INSTANCE;

  @Override
  public ImmutableIntArray encode(String text, boolean addSpecialTokens) {
    return ImmutableIntArray.of();
  }

  @Override
  public String decode(ImmutableIntArray tokenIds) {
    return "";
  }

  @Override
  public boolean isSpecial(int tokenId) {
    return false;
  }
}
