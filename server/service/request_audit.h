// Requests as records of the audit log.
#pragma once

#include "server/audit/audit_log.h"
#include "server/service/request_observer.h"

namespace lingula {

class RequestAudit final : public RequestObserver {
 public:
  // Borrows `log`.
  explicit RequestAudit(AuditLog& log) : log_(log) {}

  absl::Status MayServe() const override { return log_.MayServe(); }
  void Answered(const AnsweredRequest& request) override;

 private:
  AuditLog& log_;
};

}  // namespace lingula
