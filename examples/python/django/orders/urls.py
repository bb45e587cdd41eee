"""One view below /orders/, and one without CORS."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path


def order(request: HttpRequest, number: int) -> JsonResponse:
    if request.method == "DELETE":
        return JsonResponse({"cancelled": number})
    return JsonResponse({"order": number, "status": "paid"})


def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("well\n", content_type="text/plain")


urlpatterns = [path("orders/<int:number>", order), path("health", health)]
