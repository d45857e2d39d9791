package ebasvuru.streams;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A submission of the right shape. What is optional may be null. */
record Submission(
    UUID id,
    Time submittedAt,
    String service,
    long valilik,
    String tckn,
    String firstName,
    String lastName,
    String phone,
    String email,
    String address,
    String district,
    String subject,
    String text,
    JsonObject fields,
    List<Document> documents,
    String confirmation
) {
    static Submission read(Members root) throws Fault {
        root.constant("schema", "edevlet.submission.v1");
        Members applicant = root.members("applicant");
        Members contact = root.members("contact");
        Members form = root.members("form");
        return new Submission(
            root.uuid("submission_id"),
            root.time("submitted_at"),
            root.text("service"),
            root.integer("valilik"),
            applicant.text("tckn"),
            applicant.text("first_name"),
            applicant.text("last_name"),
            applicant.text("phone"),
            applicant.optionalText("email"),
            contact.text("address"),
            contact.optionalText("district"),
            form.text("subject"),
            form.text("text"),
            form.texts("fields"),
            documents(root.array("documents")),
            root.text("confirmation"));
    }

    private static List<Document> documents(List<?> items) throws Fault {
        List<Document> documents = new ArrayList<>(items.size());
        for (Object item : items) {
            documents.add(Document.read(Members.item(item, "documents", documents.size())));
        }
        return documents;
    }
}
