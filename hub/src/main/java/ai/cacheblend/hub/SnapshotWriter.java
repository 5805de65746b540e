package ai.cacheblend.hub;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes the blobs of a commit visible under the names of its files. */
record SnapshotWriter(RepositoryFolder folder, String commit) {

  /** Whether the snapshot has the file, as a link or, on systems without links, as a copy. */
  boolean has(RemoteFile file) throws HubException {
    Path link = folder.snapshot(commit).resolve(file.path());
    try {
      return Files.isRegularFile(link) && Files.size(link) == file.size();
    } catch (IOException e) {
      throw PartialBlob.failure(link, e);
    }
  }

  /** Links are relative, so that the cache can be moved. */
  void link(RemoteFile file) throws HubException {
    Path link = folder.snapshot(commit).resolve(file.path());
    Path blob = folder.blob(file.blob());
    try {
      Files.createDirectories(link.getParent());
      Files.deleteIfExists(link);
      try {
        Files.createSymbolicLink(link, link.getParent().relativize(blob));
      } catch (FileAlreadyExistsException e) {
        // Another process made the same link.
      } catch (UnsupportedOperationException e) {
        Files.copy(blob, link);
      }
    } catch (IOException e) {
      throw PartialBlob.failure(link, e);
    }
  }

  /** Records that the commit has no such file. */
  void markAbsent(String path) throws HubException {
    Path mark = folder.absent(commit, path);
    try {
      if (!Files.exists(mark)) {
        Files.createDirectories(mark.getParent());
        Files.createFile(mark);
      }
    } catch (FileAlreadyExistsException e) {
      // Another process recorded the same.
    } catch (IOException e) {
      throw PartialBlob.failure(mark, e);
    }
  }

  /** Points a branch or tag to the commit; readers see the old commit or the new one. */
  void writeRef(Revision revision) throws HubException {
    Path ref = folder.ref(revision);
    if (revision.name().equals(commit)) {
      return;
    }
    try {
      if (Files.isRegularFile(ref) && Files.readString(ref).equals(commit)) {
        return;
      }
      Files.createDirectories(ref.getParent());
      Path temporary = folder.temporary();
      Files.writeString(temporary, commit);
      Files.move(temporary, ref, ATOMIC_MOVE);
    } catch (IOException e) {
      throw PartialBlob.failure(ref, e);
    }
  }
}
