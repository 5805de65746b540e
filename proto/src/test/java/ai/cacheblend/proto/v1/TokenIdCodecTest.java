package ai.cacheblend.proto.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

class TokenIdCodecTest {
  @Test
  void encodesFourLittleEndianBytesPerId() {
    TokenIds message = TokenIdCodec.encode(1, 0x01020304, -2);

    assertThat(message.getIds().toByteArray())
        .containsExactly(1, 0, 0, 0, 4, 3, 2, 1, 0xfe, 0xff, 0xff, 0xff);
    assertThat(TokenIdCodec.decode(message)).containsExactly(1, 0x01020304, -2);
  }

  @Test
  void encodesNoIdsAsNoBytes() {
    assertThat(TokenIdCodec.encode()).isEqualTo(TokenIds.getDefaultInstance());
    assertThat(TokenIdCodec.decode(TokenIds.getDefaultInstance())).isEmpty();
  }

  @Test
  void rejectsAPartialId() {
    TokenIds broken = TokenIds.newBuilder().setIds(ByteString.copyFrom(new byte[7])).build();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenIdCodec.decode(broken))
        .withMessage("ids has 7 bytes; send 4 bytes per id");
  }
}
